<#
.SYNOPSIS
Takes back what tls-uplift-tenant-setup.ps1 changed. 'tls-uplift tenant setup' wrote this script.

.DESCRIPTION
Devices can no longer sign in by TLS Uplift afterwards. Without -Apply, the script changes nothing: it
shows what it would remove. Run the part Exchange first, and the part Entra in a new window:

  .\tls-uplift-tenant-remove.ps1 -Part Exchange -ApplicationId APPLICATION_ID -ObjectId OBJECT_ID
  .\tls-uplift-tenant-remove.ps1 -Part Entra

Tell the administrator of TLS Uplift, who can then delete the certificate and its key.
#>
[CmdletBinding()]
param(
    [ValidateSet('Entra', 'Exchange')]
    [string]$Part = 'Exchange',
    # Makes the changes. Without it, the script only shows them.
    [switch]$Apply,
    # The application to remove. The part Exchange needs it.
    [string]$ApplicationId,
    # The object ID of the enterprise application. The part Exchange needs it.
    [string]$ObjectId,
    # Leaves SMTP AUTH as it is, for mailboxes that other programs use too.
    [switch]$KeepSmtpAuth
)

#SETTINGS#

$ErrorActionPreference = 'Stop'
$changes = 0

function Invoke-Change {
    param([string]$What, [scriptblock]$Action)
    $script:changes++
    if (-not $Apply) {
        Write-Host "would change:  $What"
        return
    }
    Write-Host "changes:       $What"
    & $Action
}

function Assert-Module {
    param([string]$Needed, [string]$Other)
    if (Get-Module -Name $Other) {
        throw "This window has loaded $Other, which conflicts with $Needed. Open a new PowerShell window, and run the script there."
    }
    if (-not (Get-Module -ListAvailable -Name $Needed)) {
        throw "The module $Needed is missing. Run: Install-Module $Needed -Scope CurrentUser"
    }
}

function Remove-ExchangePart {
    if (-not $ApplicationId -or -not $ObjectId) {
        throw 'Give -ApplicationId and -ObjectId, as tls-uplift-tenant-setup.ps1 printed them.'
    }
    Assert-Module 'ExchangeOnlineManagement' 'Microsoft.Graph.Authentication'
    Connect-ExchangeOnline -ExchangeEnvironmentName $ExchangeEnvironment -ShowBanner:$false
    Write-Host "Organization $((Get-OrganizationConfig).Name), application $Name"

    foreach ($mailbox in $Mailboxes) {
        # Some cmdlets return everything for a name that does not exist.
        if (@(Get-Mailbox -Identity $mailbox -ErrorAction SilentlyContinue).Count -ne 1) {
            Write-Warning "The tenant has no mailbox $mailbox."
            continue
        }
        if (Get-MailboxPermission -Identity $mailbox -User $ObjectId -ErrorAction SilentlyContinue) {
            $null = Invoke-Change "${mailbox}: remove FullAccess of the application" {
                Remove-MailboxPermission -Identity $mailbox -User $ObjectId -AccessRights FullAccess -Confirm:$false
            }
        }
        if (Get-RecipientPermission -Identity $mailbox -Trustee $ObjectId -ErrorAction SilentlyContinue) {
            $null = Invoke-Change "${mailbox}: remove SendAs of the application" {
                Remove-RecipientPermission -Identity $mailbox -Trustee $ObjectId -AccessRights SendAs -Confirm:$false
            }
        }
        $settings = Get-CASMailbox -Identity $mailbox
        if ($Protocols -contains 'smtp' -and -not $KeepSmtpAuth -and $settings.SmtpClientAuthenticationDisabled -eq $false) {
            $null = Invoke-Change "${mailbox}: let SMTP AUTH follow the setting of the tenant (-KeepSmtpAuth leaves it on)" {
                Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $null
            }
        }
    }
    foreach ($role in 'Application Mail.Send', 'Application Mail.ReadWrite') {
        foreach ($assignment in @(Get-ManagementRoleAssignment -RoleAssignee $ObjectId -Role $role -ErrorAction SilentlyContinue)) {
            $null = Invoke-Change "remove the role $role of the application" {
                Remove-ManagementRoleAssignment -Identity $assignment.Name -Confirm:$false
            }
        }
    }
    if (Get-ManagementScope -Identity "$Name Graph" -ErrorAction SilentlyContinue) {
        $null = Invoke-Change "remove the management scope $Name Graph" {
            Remove-ManagementScope -Identity "$Name Graph" -Confirm:$false
        }
    }
    foreach ($principal in @(Get-ServicePrincipal | Where-Object { $_.AppId -eq $ApplicationId })) {
        $null = Invoke-Change "remove the service principal $($principal.ObjectId) from Exchange Online" {
            Remove-ServicePrincipal -Identity $principal.ObjectId -Confirm:$false
        }
    }
    Show-Result
    Disconnect-ExchangeOnline -Confirm:$false
}

function Remove-EntraPart {
    Assert-Module 'Microsoft.Graph.Applications' 'ExchangeOnlineManagement'
    Connect-MgGraph -TenantId $Tenant -Environment $GraphEnvironment -Scopes 'Application.ReadWrite.All' -NoWelcome
    $filter = "appId eq '$ApplicationId'"
    if (-not $ApplicationId) {
        $escaped = $Name.Replace("'", "''")
        $filter = "displayName eq '$escaped'"
    }
    $found = @(Get-MgApplication -Filter $filter -All)
    if ($found.Count -gt 1) {
        throw "$($found.Count) applications are called $Name. Choose one with -ApplicationId: $($found.AppId -join ', ')"
    }
    foreach ($application in $found) {
        # A name alone does not prove that the application belongs to TLS Uplift.
        if (-not $ApplicationId -and $CertificateData -and $application.KeyCredentials.DisplayName -notcontains $CertificateLabel) {
            throw "The application $Name does not have the certificate of TLS Uplift. If it is the right one, give -ApplicationId $($application.AppId)"
        }
        $null = Invoke-Change "remove the application $Name ($($application.AppId)), its enterprise application, permissions and credentials" {
            Remove-MgApplication -ApplicationId $application.Id
        }
    }
    Show-Result
    $null = Disconnect-MgGraph
}

function Show-Result {
    Write-Host ''
    if ($changes -eq 0) {
        Write-Host 'Nothing is left to remove.'
    } elseif ($Apply) {
        Write-Host "$changes changes made."
    } else {
        Write-Host "$changes changes to make. Run the same command again with -Apply to make them."
    }
}

if ($Part -eq 'Exchange') { Remove-ExchangePart } else { Remove-EntraPart }
