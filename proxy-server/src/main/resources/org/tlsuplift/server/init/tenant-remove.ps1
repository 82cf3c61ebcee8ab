<#
.SYNOPSIS
Takes back what tls-uplift-tenant-setup.ps1 changed. 'tls-uplift tenant setup' wrote this script.

.DESCRIPTION
Devices can no longer sign in by TLS Uplift afterwards. Without -Apply, the script changes nothing: it
shows what it would remove. The last line and the exit code (0 or 1) show whether a run succeeded. Run
the part Exchange first, and the part Entra in a new window:

  .\tls-uplift-tenant-remove.ps1 -Part Exchange -TenantId TENANT_ID -ApplicationId APPLICATION_ID -ObjectId OBJECT_ID
  .\tls-uplift-tenant-remove.ps1 -Part Entra -ApplicationId APPLICATION_ID

Tell the administrator of TLS Uplift, who can then delete the certificate and its key.
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [ValidateSet('Entra', 'Exchange')]
    [string]$Part = 'Exchange',
    # Makes the changes. Without it, the script only shows them.
    [switch]$Apply,
    # The application to remove. Both parts need it.
    [string]$ApplicationId,
    # The object ID of the enterprise application. The part Exchange needs it.
    [string]$ObjectId,
    # The ID of the tenant. The part Exchange needs it.
    [string]$TenantId,
    # Leaves SMTP AUTH as it is, for mailboxes that other programs use too.
    [switch]$KeepSmtpAuth,
    # The administrator's account for the part Exchange.
    [string]$UserPrincipalName,
    # For partners: the tenant of the customer, such as contoso.onmicrosoft.com. For the part Exchange.
    [string]$DelegatedOrganization,
    # The application for the sign-in of the part Entra. The cloud 'china' needs one of your own.
    [string]$GraphClientId,
    # Signs in with a code that you type on another computer.
    [switch]$DeviceCode,
    # Signs in without the Web Account Manager of Windows. For the part Exchange.
    [switch]$DisableWAM,
    # The old settings of the mailboxes, which tls-uplift-tenant-setup.ps1 wrote.
    [string]$StateFile
)

#SETTINGS#
#COMMON#

function Invoke-Change {
    param([string]$What, [scriptblock]$Action)
    if ($Apply) { $null = & $Action }
    $script:changes++
    if ($Apply) { Write-Host "changed:       $What" } else { Write-Host "would change:  $What" }
}

function Revoke-MailboxPermission {
    param([string]$Mailbox)
    if (Find-Object { Get-MailboxPermission -Identity $Mailbox -User $ObjectId } | Where-Object { "$($_.User)" -eq $ObjectId }) {
        Invoke-Change "${Mailbox}: remove FullAccess of the application" {
            Remove-MailboxPermission -Identity $Mailbox -User $ObjectId -AccessRights FullAccess -Confirm:$false
        }
    }
    if (Find-Object { Get-RecipientPermission -Identity $Mailbox -Trustee $ObjectId } | Where-Object { "$($_.Trustee)" -eq $ObjectId }) {
        Invoke-Change "${Mailbox}: remove SendAs of the application" {
            Remove-RecipientPermission -Identity $Mailbox -Trustee $ObjectId -AccessRights SendAs -Confirm:$false
        }
    }
}

# Restores what the state file has, and nothing else.
function Restore-Protocols {
    param([string]$Mailbox)
    $settings = Get-CASMailbox -Identity $Mailbox
    $old = $oldValues | Where-Object { $_.Mailbox -eq $Mailbox }
    if (-not $old) {
        if ($Protocols -contains 'smtp' -and -not $KeepSmtpAuth -and $settings.SmtpClientAuthenticationDisabled -eq $false) {
            Write-Host "unchanged:     ${Mailbox}: SMTP AUTH stays on, because $StateFile has no earlier value."
        }
        return
    }
    if ($Protocols -contains 'smtp' -and -not $KeepSmtpAuth -and $settings.SmtpClientAuthenticationDisabled -ne $old.SmtpClientAuthenticationDisabled) {
        Invoke-Change "${Mailbox}: restore SmtpClientAuthenticationDisabled to '$($old.SmtpClientAuthenticationDisabled)' (empty: as the tenant; -KeepSmtpAuth leaves it)" {
            Set-CASMailbox -Identity $Mailbox -SmtpClientAuthenticationDisabled $old.SmtpClientAuthenticationDisabled
        }
    }
    if ($Protocols -contains 'imap' -and $settings.ImapEnabled -ne $old.ImapEnabled) {
        Invoke-Change "${Mailbox}: restore ImapEnabled to $($old.ImapEnabled)" {
            Set-CASMailbox -Identity $Mailbox -ImapEnabled $old.ImapEnabled
        }
    }
    if ($Protocols -contains 'pop3' -and $settings.PopEnabled -ne $old.PopEnabled) {
        Invoke-Change "${Mailbox}: restore PopEnabled to $($old.PopEnabled)" {
            Set-CASMailbox -Identity $Mailbox -PopEnabled $old.PopEnabled
        }
    }
}

# Takes the mailboxes out of the group. If other mailboxes stay in it, another site uses the role.
function Revoke-Roles {
    param([string]$Title, [hashtable]$Roles, $Found)
    $escaped = $Title.Replace("'", "''")
    $group = Get-DistributionGroup -Filter "Name -eq '$escaped'" | Select-Named $Title
    if ($group) {
        $members = @(Get-DistributionGroupMember -Identity "$($group.Guid)" -ResultSize Unlimited)
        $ours = @($members | Where-Object { $Found -contains "$($_.Guid)" })
        foreach ($mailbox in $ours) {
            Invoke-Change "$($mailbox.PrimarySmtpAddress): remove it from the group $Title" {
                Remove-DistributionGroupMember -Identity "$($group.Guid)" -Member "$($mailbox.Guid)" -BypassSecurityGroupManagerCheck -Confirm:$false
            }
        }
        if ($members.Count -gt $ours.Count) {
            Write-Host "unchanged:     the group $Title has $($members.Count - $ours.Count) other mailboxes, so it stays with its role"
            $script:stillUsed = $true
            return
        }
    }
    foreach ($role in $Roles.Keys) {
        foreach ($assignment in @(Get-ManagementRoleAssignment -Role $role | Select-Named $Roles[$role])) {
            Invoke-Change "remove the role $role of the application" {
                Remove-ManagementRoleAssignment -Identity $assignment.Name -Confirm:$false
            }
        }
    }
    if (Get-ManagementScope | Select-Named $Title) {
        Invoke-Change "remove the management scope $Title" {
            Remove-ManagementScope -Identity $Title -Confirm:$false
        }
    }
    if ($group) {
        Invoke-Change "remove the group $Title" {
            Remove-DistributionGroup -Identity "$($group.Guid)" -BypassSecurityGroupManagerCheck -Confirm:$false
        }
    }
}

function Invoke-ExchangePart {
    if (-not $ObjectId) { throw 'Give -ObjectId, as tls-uplift-tenant-setup.ps1 printed it.' }
    $organization = Open-Exchange
    Write-Host "Organization $($organization.Name), application $ApplicationId"
    Read-State
    $principals = @(Get-ServicePrincipal | Where-Object { $_.AppId -eq $ApplicationId })
    foreach ($principal in $principals) {
        if ("$($principal.ObjectId)" -ne $ObjectId) { throw "The application $ApplicationId has the object ID $($principal.ObjectId), and -ObjectId is $ObjectId." }
        Write-Host "Removes the service principal '$($principal.DisplayName)' ($ApplicationId)."
    }

    $script:stillUsed = $false
    $found = @()
    foreach ($mailbox in $Mailboxes) {
        # One mailbox that fails must not stop the others.
        try {
            $known = @(Find-Object { Get-Mailbox -Identity $mailbox })
            if ($known.Count -ne 1) {
                Write-Host "unchanged:     ${mailbox}: the tenant has no such mailbox"
                continue
            }
            if ($Flow -eq 'application') { Revoke-MailboxPermission $mailbox }
            Restore-Protocols $mailbox
            $found += "$($known[0].Guid)"
        } catch {
            Show-Failure "${mailbox}: $($_.Exception.Message)"
        }
    }
    if ($Flow -ne 'application') { return }
    # Not every cloud has these roles.
    $roles = @(Get-ManagementRole | ForEach-Object { $_.Name })
    if ($roles -contains 'Application SMTP.SendAsApp') { Revoke-Roles "$Name SMTP" @{ 'Application SMTP.SendAsApp' = "$Name SMTP" } $found }
    if ($roles -contains 'Application Mail.Send') { Revoke-Roles "$Name Graph" @{ 'Application Mail.Send' = "$Name Send"; 'Application Mail.ReadWrite' = "$Name Draft" } $found }
    # A mailbox that failed still needs it: without it, the next run finds no permission to remove.
    if ($stillUsed -or $failures.Count -gt 0) { return }
    foreach ($principal in $principals) {
        Invoke-Change "remove the service principal $ObjectId from Exchange Online" {
            Remove-ServicePrincipal -Identity $ObjectId -Confirm:$false
        }
    }
}

# Neither a name alone nor an ID alone proves that the application belongs to TLS Uplift.
function Invoke-EntraPart {
    Open-Graph 'Application.ReadWrite.All'
    $found = @(Get-MgApplication -Filter "appId eq '$ApplicationId'" -All)
    foreach ($one in $found) {
        $application = Get-MgApplication -ApplicationId $one.Id -Property 'id,appId,displayName,keyCredentials'
        $hasCertificate = $CertificateLabel -and @($application.KeyCredentials | Where-Object { $_ -and $_.DisplayName -eq $CertificateLabel }).Count -gt 0
        if (-not $hasCertificate -and $application.DisplayName -ne $Name) {
            throw "The application $ApplicationId is called '$($application.DisplayName)', and does not have the certificate of TLS Uplift. Check the ID: the script removes only the application $Name."
        }
        Invoke-Change "remove the application '$($application.DisplayName)' ($($application.AppId)), its enterprise application, permissions and credentials" {
            Remove-MgApplication -ApplicationId $application.Id
        }
    }
}

$folder = $PSScriptRoot
if (-not $folder) { $folder = (Get-Location).Path }
if (-not $StateFile) { $StateFile = Join-Path $folder 'tls-uplift-tenant-state.json' }
try {
    if (-not $ApplicationId) { throw 'Give -ApplicationId, as tls-uplift-tenant-setup.ps1 printed it.' }
    if ($Part -eq 'Exchange') { Invoke-ExchangePart } else { Invoke-EntraPart }
} catch {
    Show-Failure $_.Exception.Message
} finally {
    Close-Session
}
Show-Result 'is left to remove' 'to make'
exit [int]($failures.Count -gt 0)
