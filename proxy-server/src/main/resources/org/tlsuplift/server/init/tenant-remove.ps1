<#
.SYNOPSIS
Takes back what tls-uplift-tenant-setup.ps1 changed. 'tls-uplift tenant setup' wrote this script.

.DESCRIPTION
Run it in the folder of the state file of set-up: what this file does not have stays, and the script says so. Devices can no longer sign in by TLS Uplift afterwards. Without -Apply, the script changes nothing: it
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
    # Removes the application's permissions for the mailboxes of this script also if the state file does not have them.
    [switch]$Unrecorded,
    # Removes the service principal in Exchange Online. Exchange Online cannot list for which mailboxes of other sites the
    # application has FullAccess: they would lose it. For the part Exchange.
    [switch]$RemoveServicePrincipal,
    # Removes an application that set-up registered also if it has other owners or credentials, which the script lists.
    # For the part Entra.
    [switch]$AcceptOthers,
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
    # What tls-uplift-tenant-setup.ps1 changed, with the old settings.
    [string]$StateFile
)

#SETTINGS#
#COMMON#

function Revoke-MailboxPermission {
    param($Mailbox)
    $id = "$($Mailbox.Guid)"
    $access = Select-OwnPermission (Find-Object { Get-MailboxPermission -Identity $id -User $ObjectId })
    if ($access -and (Test-Recorded $Mailbox 'FullAccess')) {
        Invoke-Change "$($Mailbox.PrimarySmtpAddress): remove FullAccess of the application" {
            Remove-MailboxPermission -Identity $id -User $ObjectId -AccessRights FullAccess -Confirm:$false
        }
    }
    if (-not $access) { Show-Gone $Mailbox 'FullAccess' }
    $trusted = Select-OwnPermission (Find-Object { Get-RecipientPermission -Identity $id -Trustee $ObjectId })
    if ($trusted -and (Test-Recorded $Mailbox 'SendAs')) {
        Invoke-Change "$($Mailbox.PrimarySmtpAddress): remove SendAs of the application" {
            Remove-RecipientPermission -Identity $id -Trustee $ObjectId -AccessRights SendAs -Confirm:$false
        }
    }
    if (-not $trusted) { Show-Gone $Mailbox 'SendAs' }
    Clear-Record $id "FullAccess $ObjectId"
    Clear-Record $id "SendAs $ObjectId"
}

# The application may have had the permission before.
function Test-Recorded {
    param($Mailbox, [string]$Right)
    if ($Unrecorded -or (Find-Record "$($Mailbox.Guid)" "$Right $ObjectId")) { return $true }
    Write-Host "unchanged:     $($Mailbox.PrimarySmtpAddress): $Right of the application stays, because $StateFile does not show that set-up gave it. -Unrecorded removes it."
    return $false
}

# The script removed nothing, and does not know why.
function Show-Gone {
    param($Mailbox, [string]$Right)
    if (Find-Record "$($Mailbox.Guid)" "$Right $ObjectId") { Write-Host "unchanged:     $($Mailbox.PrimarySmtpAddress): Exchange Online does not show the $Right that set-up gave the application. Check with Get-MailboxPermission and Get-RecipientPermission." }
}

# Restores what the state file has, and nothing else.
function Restore-Protocols {
    param($Mailbox)
    $settings = Get-CASMailbox -Identity "$($Mailbox.Guid)"
    if (-not $KeepSmtpAuth) { Restore-Setting $Mailbox $settings 'SmtpClientAuthenticationDisabled' 'False' 'smtp' 'SMTP AUTH' }
    Restore-Setting $Mailbox $settings 'ImapEnabled' 'True' 'imap' 'IMAP'
    Restore-Setting $Mailbox $settings 'PopEnabled' 'True' 'pop3' 'POP3'
}

function Restore-Setting {
    param($Mailbox, $Settings, [string]$Setting, [string]$On, [string]$Protocol, [string]$Title)
    $id = "$($Mailbox.Guid)"
    $address = "$($Mailbox.PrimarySmtpAddress)"
    $now = $Settings.$Setting
    $record = Find-Record $id $Setting
    if (-not $record) {
        if ($Protocols -contains $Protocol -and "$now" -eq $On) { Write-Host "unchanged:     ${address}: $Title stays on, because $StateFile does not show that set-up switched it on." }
        return
    }
    if ("$now" -eq $On) {
        $options = @{ $Setting = $record.Old }
        $hint = if ($Protocol -eq 'smtp') { '; empty: as the tenant; -KeepSmtpAuth leaves it' }
        Invoke-Change "${address}: restore $Title ($Setting '$($record.Old)'$hint)" {
            Set-CASMailbox -Identity $id @options
        }
    } elseif ("$now" -ne "$($record.Old)") {
        Write-Host "unchanged:     ${address}: $Setting is '$now'. Somebody changed it after set-up."
    }
    Clear-Record $id $Setting
}

# Restores the sign-in of accounts whose passwords set-up closed.
function Restore-Passwords {
    param($Mailbox)
    $id = "$($Mailbox.Guid)"
    $address = "$($Mailbox.PrimarySmtpAddress)"
    $policy = Find-Record $id 'AuthenticationPolicy'
    $blocked = Find-Record $id 'AccountDisabled'
    if (-not $policy -and -not $blocked) { return }
    $user = Find-User $id
    if ($policy -and (Test-PasswordPolicy $user.AuthenticationPolicy)) {
        Invoke-Change "${address}: restore its authentication policy ('$($policy.Old)'; empty: as the tenant)" {
            Set-User -Identity $id -AuthenticationPolicy $policy.Old -Confirm:$false
        }
    } elseif ($policy -and "$($user.AuthenticationPolicy)" -ne "$($policy.Old)") {
        Write-Host "unchanged:     ${address}: its authentication policy is '$($user.AuthenticationPolicy)'. Somebody changed it after set-up."
    }
    Clear-Record $id 'AuthenticationPolicy'
    if ($blocked -and $user.AccountDisabled) {
        Invoke-Change "${address}: let its account sign in again" {
            Set-Mailbox -Identity $id -AccountDisabled $false -Confirm:$false
        }
    }
    Clear-Record $id 'AccountDisabled'
}

# Another site or an administrator may use the policy.
function Revoke-PasswordPolicy {
    param($Found)
    foreach ($record in @($records.Values | Where-Object { $_.What -eq 'policy' -and $_.Name -eq $PasswordPolicy })) {
        $policy = Get-AuthenticationPolicy | Where-Object { "$($_.Guid)" -eq $record.Of }
        if ($policy) {
            $name = "$($policy.DistinguishedName)".Replace("'", "''")
            $users = @(Get-User -Filter "AuthenticationPolicy -eq '$name'" -ResultSize Unlimited | Where-Object { $Found -notcontains "$($_.Guid)" })
            if ($users.Count -gt 0 -or (Test-PasswordPolicy (Get-OrganizationConfig).DefaultAuthenticationPolicy)) {
                Write-Host "unchanged:     the authentication policy $($policy.Name) stays, because others use it: $(($users | Select-Object -First 20).UserPrincipalName -join ', ')"
                continue
            }
            Invoke-Change "remove the authentication policy $($policy.Name)" {
                Remove-AuthenticationPolicy -Identity $record.Of -Confirm:$false
            }
        }
        Clear-Record $record.Of 'policy'
    }
}

# Takes the mailboxes out of the group. If other mailboxes stay in it, another site uses the role.
function Revoke-Roles {
    param([string]$Title, [string[]]$Roles, $Found)
    $group = Find-Group $Title
    $own = $group -and (Test-OwnGroup $group)
    if ($group) {
        $member = "member $($group.Guid)"
        $members = @(Get-DistributionGroupMember -Identity "$($group.Guid)" -ResultSize Unlimited)
        $ours = @($members | Where-Object { $Found -contains "$($_.Guid)" -and ($own -or $Unrecorded -or (Find-Record "$($_.Guid)" $member)) })
        foreach ($mailbox in $ours) {
            Invoke-Change "$($mailbox.PrimarySmtpAddress): remove it from the group $Title" {
                Remove-DistributionGroupMember -Identity "$($group.Guid)" -Member "$($mailbox.Guid)" -BypassSecurityGroupManagerCheck -Confirm:$false
            }
        }
        foreach ($id in $Found) { Clear-Record $id $member }
    }
    $scope = Get-ManagementScope | Select-Named $Title
    $assignments = @(foreach ($role in $Roles) { Get-ManagementRoleAssignment -Role $role | Select-OwnAssignment $role $Title })
    if ($group -and $members.Count -gt $ours.Count) {
        Write-Host "unchanged:     the group $Title has $($members.Count - $ours.Count) other mailboxes, so it stays with its role. If no other site uses it, end the role:"
        foreach ($assignment in $assignments) { Write-Host "                 Remove-ManagementRoleAssignment -Identity '$($assignment.Name -replace "['\u2018-\u201B]", '$0$0')'" }
        return
    }
    foreach ($assignment in $assignments) {
        Invoke-Change "remove the role $($assignment.Role) of the application" {
            Remove-ManagementRoleAssignment -Identity $assignment.Name -Confirm:$false
        }
    }
    if ($scope -and (Test-OwnScope $scope $group)) {
        Invoke-Change "remove the management scope $Title" {
            Remove-ManagementScope -Identity $Title -Confirm:$false
        }
    } elseif ($scope) {
        Write-Host "unchanged:     the management scope $Title has other mailboxes, so it stays: $($scope.RecipientFilter)"
    }
    if ($own) {
        Invoke-Change "remove the group $Title" {
            Remove-DistributionGroup -Identity "$($group.Guid)" -BypassSecurityGroupManagerCheck -Confirm:$false
        }
        Clear-Record "$($group.Guid)" "created for $ApplicationId"
    } elseif ($group) {
        Write-Host "unchanged:     set-up did not make the group $Title, so it stays"
    }
}

# All sites of the application share it: without it, they lose their permissions.
function Revoke-Principal {
    param($Principal)
    if (-not $RemoveServicePrincipal) {
        Write-Host "unchanged:     the service principal '$($Principal.DisplayName)' stays in Exchange Online, because other mailboxes may have permissions for it. If no other site uses the application, add -RemoveServicePrincipal."
        return
    }
    $used = @(Get-ManagementRoleAssignment | Select-OwnAssignment | ForEach-Object { "the role $($_.Role) in the scope '$($_.CustomResourceScope)'" })
    $used += @(Select-OwnPermission (Find-Object { Get-RecipientPermission -Trustee $ObjectId -ResultSize Unlimited }) | ForEach-Object { "SendAs for $($_.Identity)" })
    # Without -Apply, the permissions above are still there.
    if ($used.Count -gt 0 -and $Apply) { throw "The service principal '$($Principal.DisplayName)' still has: $($used -join '; '). Take it back at that site first." }
    Invoke-Change "remove the service principal $ObjectId from Exchange Online, if nothing else uses it" {
        Remove-ServicePrincipal -Identity $ObjectId -Confirm:$false
    }
}

# Other sites with the same state file: their names, by mailbox. They have another group or another application. Without either,
# nobody has the permission of a record.
function Read-Sites {
    $script:sites = @{}
    $script:ownRights = @(@("$Name SMTP", "$Name Graph" | ForEach-Object { Find-Group $_ } | ForEach-Object { "$($_.Guid)" }) + $ObjectId)
    $names = @{}
    foreach ($record in @($records.Values)) {
        $right, $of = "$($record.What)" -split ' '
        if ($right -notin 'member', 'FullAccess', 'SendAs' -or $ownRights -contains $of) { continue }
        if (-not $names.ContainsKey($of)) {
            $names[$of] = @(if ($right -eq 'member') {
                    Find-Object { Get-Group -Identity $of } | Where-Object { "$($_.Guid)" -eq $of } | ForEach-Object { $_.Name -replace ' (SMTP|Graph)$' }
                } else {
                    Get-ServicePrincipal | Where-Object { "$($_.ObjectId)" -eq $of } | ForEach-Object { if ($_.DisplayName) { "$($_.DisplayName)" } else { $of } }
                })
        }
        if ($names[$of]) { $sites[$record.Of] = @(@($sites[$record.Of]) + $names[$of] | Where-Object { $_ } | Select-Object -Unique) } else { Clear-Record $record.Of $record.What }
    }
}

# What an earlier list of mailboxes, or another site with the same state file, still has.
function Show-OtherMailboxes {
    param($Found)
    $settings = 'SmtpClientAuthenticationDisabled', 'ImapEnabled', 'PopEnabled', 'AuthenticationPolicy', 'AccountDisabled'
    $left = @($records.Values | Where-Object { $Found -notcontains $_.Of -and ($ownRights -contains ($_.What -replace '^(member|FullAccess|SendAs) ') -or ($_.What -in $settings -and -not $sites[$_.Of])) })
    Show-Left 'that this script does not list stay as set-up left them' @($left.Of) 'To take them back too, add them to the list at the top of this script, and run it again.'
    foreach ($site in @($sites.Values | ForEach-Object { $_ } | Select-Object -Unique)) {
        Show-Left "of the site '$site' stay as set-up left them" @($sites.Keys | Where-Object { $sites[$_] -contains $site }) "To take them back, run tls-uplift-tenant-remove.ps1 of the name $site with this -StateFile: $StateFile. Its network engineer writes the script again with: tls-uplift tenant setup --name"
    }
}

function Show-Left {
    param([string]$Which, $Ids, [string]$Remedy)
    $all = @($Ids | Where-Object { $_ } | Select-Object -Unique)
    if ($all.Count -eq 0) { return }
    $addresses = @($all | Select-Object -First 20 | ForEach-Object { $id = $_; @($records.Values | Where-Object { $_.Of -eq $id -and $_.Name } | ForEach-Object { $_.Name }) + $id | Select-Object -First 1 })
    Write-Host "unchanged:     mailboxes $Which ($($all.Count)): $($addresses -join ', '). $Remedy"
    $script:waiting += " But mailboxes $Which`: $($all.Count) in $StateFile."
}

function Invoke-ExchangePart {
    if (-not $ObjectId) { throw 'Give -ObjectId, as tls-uplift-tenant-setup.ps1 printed it.' }
    $organization = Open-Exchange
    Write-Host "Organization $($organization.Name), application $ApplicationId"
    Read-State $TenantId
    if ($records.Count -gt 0) { Assert-StateFile }
    Assert-ObjectId
    Read-PrincipalNames
    $principal = Get-ServicePrincipal | Where-Object { $_.AppId -eq $ApplicationId } | Select-Object -First 1
    if ($principal -and "$($principal.ObjectId)" -ne $ObjectId) { throw "The application $ApplicationId has the object ID $($principal.ObjectId), and -ObjectId is $ObjectId." }
    # With mistyped IDs, the script would find nothing to remove.
    if ($Flow -eq 'application' -and -not $principal -and -not (@("$Name SMTP", "$Name Graph" | ForEach-Object { Find-Group $_ }) | Where-Object { Test-OwnGroup $_ })) {
        throw "Exchange Online has no service principal of the application $ApplicationId. Compare -ApplicationId and -ObjectId with the line that set-up printed. If an earlier run removed it, nothing is left to do."
    }

    Read-Sites
    $found = @()
    foreach ($address in $Mailboxes) {
        # One mailbox that fails must not stop the others.
        try {
            $mailbox = Find-Mailbox $address
            if (-not $mailbox) {
                Write-Host "unchanged:     ${address}: the tenant has no such mailbox"
                continue
            }
            if ($found -contains "$($mailbox.Guid)") { continue }
            if ($Flow -eq 'application') { Revoke-MailboxPermission $mailbox }
            $site = $sites["$($mailbox.Guid)"]
            if ($site) {
                Write-Host "unchanged:     $($mailbox.PrimarySmtpAddress): its protocols and its sign-in stay, because the site '$($site -join "', '")' uses it too."
            } else {
                Restore-Protocols $mailbox
                Restore-Passwords $mailbox
            }
            $found += "$($mailbox.Guid)"
        } catch {
            Show-Failure "${address}: $($_.Exception.Message)"
        }
    }
    if ($failures.Count -eq 0) { Show-OtherMailboxes $found }
    Revoke-PasswordPolicy $found
    if ($Flow -ne 'application') { return }
    # Not every cloud has these roles.
    $roles = @(Get-ManagementRole | ForEach-Object { $_.Name })
    if ($roles -contains $SmtpRole) { Revoke-Roles "$Name SMTP" $SmtpRole $found }
    if ($roles -contains 'Application Mail.Send') { Revoke-Roles "$Name Graph" 'Application Mail.Send', 'Application Mail.ReadWrite' $found }
    # A mailbox that failed still needs it: without it, the next run finds no permission to remove.
    if ($principal -and $failures.Count -eq 0) { Revoke-Principal $principal }
}

# Neither a name nor a label proves that the application belongs to TLS Uplift: each owner of an application can choose them.
function Invoke-EntraPart {
    Open-Graph $(if ((Test-Path -LiteralPath $StateFile) -and (Get-Content -Raw -LiteralPath $StateFile) -match '"grant ') { 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All' } else { 'Application.ReadWrite.All' })
    Read-State $context.TenantId
    if ($records.Count -gt 0) { Assert-StateFile }
    $one = Get-MgApplication -Filter "appId eq '$ApplicationId'" -All
    if (-not $one) { throw "The tenant $($context.TenantId) has no application with the ID $ApplicationId. Compare it with the line that set-up printed. If an earlier run removed it, nothing is left to do." }
    $application = Get-MgApplication -ApplicationId $one.Id -Property 'id,appId,displayName,notes,keyCredentials,passwordCredentials'
    $title = "'$($application.DisplayName)' ($ApplicationId)"
    $ours = @($application.KeyCredentials | Where-Object { $_ -and (Test-OwnCertificate $_) })
    $registered = "$($application.Notes)" -eq $RegisteredNote
    $grants = @($records.Values | Where-Object { $_.Of -eq $ApplicationId -and $_.What -like 'grant *' })
    $listed = @($records.Values | Where-Object { $_.Of -eq $ApplicationId -and $_.What -like 'listed *' })
    if ($ours.Count -eq 0 -and $grants.Count -eq 0 -and $listed.Count -eq 0 -and -not $registered) {
        throw "The application $ApplicationId is called '$($application.DisplayName)', and does not have the certificate of TLS Uplift. Check the ID."
    }
    # Set-up of another site writes the same note.
    if ($ours.Count -eq 0 -and $grants.Count -eq 0 -and $application.DisplayName -ne $Name -and -not (Find-Record $ApplicationId 'registered')) {
        throw "The application $ApplicationId is called '$($application.DisplayName)', and this script is for '$Name'. Compare the ID with the line that set-up printed. If the ID is right, remove the application in Entra."
    }
    $others = @(Find-Others $application)
    foreach ($other in $others) { Write-Host "  The application also has: $other" }
    if ($registered -and ($others.Count -eq 0 -or $AcceptOthers)) {
        Invoke-Change "remove the application $title, its enterprise application, permissions and credentials" {
            if ($others.Count -eq 0 -and @(Read-Keys $application.Id | Where-Object { -not (Test-OwnCertificate $_) }).Count -gt 0) { throw 'the application got another certificate meanwhile. Run the same command again, which lists it' }
            Remove-MgApplication -ApplicationId $application.Id
            foreach ($record in @($records.Values | Where-Object { $_.Of -eq $ApplicationId })) { Clear-Record $ApplicationId $record.What }
        }
        foreach ($record in $grants + $listed) { Clear-Record $ApplicationId $record.What }
        return
    }
    if ($ours.Count -gt 0) {
        Invoke-Change "remove the certificate $CertificateLabel from the application $title" {
            Update-MgApplication -ApplicationId $application.Id -KeyCredentials @(Read-Keys $application.Id | Where-Object { -not (Test-OwnCertificate $_) })
        }
    }
    Clear-Record $ApplicationId 'enterprise application'
    # Another site of TLS Uplift may need the same permissions. Its daemon may have added its certificate.
    if (@(Read-Keys $application.Id | Where-Object { -not (Test-OwnCertificate $_) -and ("$($_.DisplayName)" -like '*TLS Uplift*' -or -not $_.DisplayName) }).Count -gt 0) {
        if ($grants.Count + $listed.Count -gt 0) { Write-Host "unchanged:     its permissions stay ($($grants.Name -join ', ')), because another certificate of TLS Uplift may need them." }
    } else {
        Revoke-Grants $grants
        Revoke-Listed $application $listed
        Revoke-PublicClient $application
    }
    if ($registered) {
        Write-Host "unchanged:     the application $title stays, because of the owners and credentials above. If no other site uses it, add -AcceptOthers."
    } else {
        Write-Host "unchanged:     the application $title stays, because set-up did not register it."
    }
}

# Takes off the list of API permissions what set-up added, and nothing else.
function Revoke-Listed {
    param($Application, $Listed)
    $isOurs = { $Listed.What -contains "listed $($_.Of) $($_.Id)" }
    $count = @(Read-Listed $Application.Id | Where-Object $isOurs).Count
    if ($count -gt 0) {
        Invoke-Change "take $count permission$(if ($count -ne 1) { 's' }) that set-up added off the list of API permissions" {
            Update-MgApplication -ApplicationId $Application.Id -RequiredResourceAccess @(Join-Listed (Read-Listed $Application.Id | Where-Object { -not (& $isOurs) }))
        }
    }
    foreach ($record in $Listed) { Clear-Record $ApplicationId $record.What }
}

function Revoke-PublicClient {
    param($Application)
    if (Find-Record $ApplicationId 'public client flows') {
        Invoke-Change 'end public client flows, which set-up allowed' {
            Update-MgApplication -ApplicationId $Application.Id -IsFallbackPublicClient:$false
        }
        Clear-Record $ApplicationId 'public client flows'
    }
    if (Find-Record $ApplicationId 'redirect URI') {
        Invoke-Change 'remove the redirect URI http://localhost, which set-up added' {
            Update-MgApplication -ApplicationId $Application.Id -PublicClient @{ RedirectUris = @(Read-Redirects $Application.Id) }
        }
        Clear-Record $ApplicationId 'redirect URI'
    }
}

function Revoke-Grants {
    param($Given)
    if ($Given.Count -eq 0) { return }
    $principal = Get-MgServicePrincipal -Filter "appId eq '$ApplicationId'"
    $resource = Get-MgServicePrincipal -Filter "appId eq '$ExchangeOnline'"
    # Without the enterprise application, nobody has its permissions.
    $has = @(if ($principal) { Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -All | Where-Object { $_.ResourceId -eq $resource.Id } })
    foreach ($record in $Given) {
        foreach ($grant in @($has | Where-Object { "grant $($_.AppRoleId)" -eq $record.What })) {
            Invoke-Change "take back the permission $($record.Name)" {
                Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -AppRoleAssignmentId $grant.Id
            }
        }
        Clear-Record $ApplicationId $record.What
    }
}

$folder = $PSScriptRoot
if (-not $folder) { $folder = (Get-Location).Path }
if (-not $StateFile) { $StateFile = Join-Path $folder 'tls-uplift-tenant-state.json' }
try {
    if (-not $ApplicationId) { throw 'Give -ApplicationId, as tls-uplift-tenant-setup.ps1 printed it.' }
    Assert-Ids
    if ($Part -eq 'Exchange') { Invoke-ExchangePart } else { Invoke-EntraPart }
} catch {
    Show-Failure $_.Exception.Message
} finally {
    Close-Session
}
Show-Result 'is left to remove' 'to make'
exit [int]($failures.Count -gt 0)
